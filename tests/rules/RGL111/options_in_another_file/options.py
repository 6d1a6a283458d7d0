import argparse


def get_parser():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.5)
    parser.add_argument("--l2", type=float, default=5.0)
    return parser
