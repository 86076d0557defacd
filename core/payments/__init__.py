"""Payments as they happen: their risk, their features one by one, the stream that scores them."""
