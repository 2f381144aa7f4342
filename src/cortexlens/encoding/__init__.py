"""FactorTopy, its fit, and the ridge baseline."""
