"""The synthetic clinic: invented patients and two years of visits, to try the program with."""

from clinic_data.demo.fill import fill_demo

__all__ = ["fill_demo"]
