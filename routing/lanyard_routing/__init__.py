"""Endpoints, fleet, queue and worker; knows tasks, not syntax trees and not LSP."""
