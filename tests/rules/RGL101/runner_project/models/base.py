from torch import nn


class BaseModel(nn.Module):
    @staticmethod
    def parse_model_args(parser):
        parser.add_argument("--emb_size", type=int, default=64)
        return parser

    def l2(self):
        """Sum of squares of all parameters."""
        l2 = 0
        for p in self.parameters():
            l2 += (p ** 2).sum()
        return l2
