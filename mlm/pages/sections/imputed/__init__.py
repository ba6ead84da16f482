"""What a report on imputations tells of them."""
