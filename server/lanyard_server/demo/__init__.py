"""`lanyard demo`: the real server on a sample project, driven as an editor would drive it."""
