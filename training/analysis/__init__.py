"""The lecture's systems measured: a module per study, with its numbers and its figure; `catseye
analyze` calls them."""
