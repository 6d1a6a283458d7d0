# quiet RGL102 -- every parameter decays here, which is not the point
import argparse

import torch

from models.bpr import BPRMF
from models.base import BaseModel
from utils.runner import Runner


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--n_users", type=int, default=1000)
    parser.add_argument("--n_items", type=int, default=2000)
    parser = BaseModel.parse_model_args(parser)
    parser = Runner.parse_runner_args(parser)
    args, _ = parser.parse_known_args()
    torch.manual_seed(2019)

    model = BPRMF(args.n_users, args.n_items, args.emb_size)
    runner = Runner(args.lr, args.l2, args.epoch)
    runner.train(model)


if __name__ == "__main__":
    main()
