import torch.nn.functional as F
from torch import nn

from models.base import BaseModel


class BPRMF(BaseModel):
    def __init__(self, n_users, n_items, emb_size):
        super().__init__()
        self.u_embeddings = nn.Embedding(n_users, emb_size)
        self.i_embeddings = nn.Embedding(n_items, emb_size)

    def forward(self, users, positives, negatives):
        u = self.u_embeddings(users)
        better = (u * self.i_embeddings(positives)).sum(-1)
        worse = (u * self.i_embeddings(negatives)).sum(-1)
        return -F.logsigmoid(better - worse).mean()
