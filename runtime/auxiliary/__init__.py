"""Small models beside the main one: one that watches over it, one that cleans its frames."""
