"""One trainer for every yes-or-no question: problem in, calibrated model and report out."""
