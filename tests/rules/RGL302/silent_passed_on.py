"""A rate that comes in with other arguments may be 0 in evaluation: whoever calls decides."""

import torch
from torch.nn import functional as F


class Bias(torch.Tensor):
    @staticmethod
    def _attend(query, key, value, attn_mask, dropout_p=0.0, scale=None):
        return F.scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=dropout_p, is_causal=True, scale=scale)

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return cls._attend(*args, **(kwargs or {}))
