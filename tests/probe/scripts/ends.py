"""Ends before the first step, in the way asked for."""

import sys

import torch

if sys.argv[1] == "error":
    raise ValueError("no such data set")
if sys.argv[1] == "exit":
    sys.exit(0)
if sys.argv[1] == "input":
    input("continue? ")
if sys.argv[1] == "late":
    w = torch.ones(3, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    w.sin().sum().backward()
    optimizer.step()
    raise ValueError("after the first step")
if sys.argv[1] == "backward":
    w = torch.ones(3, requires_grad=True)
    w.sum().backward()
