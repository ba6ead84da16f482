"""The analysis of several imputations: answers of each as one, or why there is none."""
