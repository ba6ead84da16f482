"""Cross-products: sums over rows by group, added, cut, joined, stored."""
