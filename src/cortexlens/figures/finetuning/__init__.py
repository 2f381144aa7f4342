"""Figures of the effects of fine-tuning."""
