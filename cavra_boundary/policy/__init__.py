"""What a repository says about its own boundary: options, settings, the effective policy, and what weakens it."""
