"""What the lecture claims of adversarial training, one module per claim; `catseye analyze
adversarial` calls them."""
