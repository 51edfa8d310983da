//! Places: the tree from the street down to the micro-grid, its boundaries, landmarks and the official list of divisions.
