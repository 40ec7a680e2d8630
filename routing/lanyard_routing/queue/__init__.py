"""Task queues behind one contract."""
