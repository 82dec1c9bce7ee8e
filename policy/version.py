"""The version of the trainer: raised with every change that alters the bytes of a trained policy."""

TRAINER = "glassworld-trainer/1"
