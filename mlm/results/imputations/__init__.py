"""What analyses of several imputations conclude beside the answers of one sample."""
