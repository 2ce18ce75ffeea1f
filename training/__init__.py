"""Making the released model: encoder, pre-training, fine-tuning, calibration, export, measuring."""
