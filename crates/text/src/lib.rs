#![doc = "(being written)"]
