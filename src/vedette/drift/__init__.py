"""Detectors of change: has the normal itself moved?"""
