"""What a logistic regression on the test cases would change of their probabilities: slope, intercept, smooth curve."""
