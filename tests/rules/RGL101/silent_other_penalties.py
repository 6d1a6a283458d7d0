"""Penalties next to a weight_decay that are not an L2 penalty on the model's parameters."""
# quiet RGL102 -- the biases are decayed in all of these, which is not the point

import copy

import torch
from torch import autograd, nn
from torch.nn import functional as F


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(20, 16)
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        hidden = torch.tanh(self.layer(x))
        return self.head(hidden), hidden


def activations(batches):
    model = Encoder()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4)
    for x, y in batches:
        logits, hidden = model(x)
        loss = F.cross_entropy(logits, y) + 1e-3 * hidden.pow(2).sum(dim=1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def embedding_rows_of_the_batch(triples):
    users, items = nn.Embedding(1000, 32), nn.Embedding(2000, 32)
    parameters = list(users.parameters()) + list(items.parameters())
    optimizer = torch.optim.SGD(parameters, lr=0.01, weight_decay=1e-6)
    for u, i, j in triples:
        user, positive, negative = users(u), items(i), items(j)
        bpr = -F.logsigmoid((user * positive).sum(1) - (user * negative).sum(1)).mean()
        rows = (user.norm(2).pow(2) + positive.norm(2).pow(2) + negative.norm(2).pow(2)) / (2 * len(u))
        loss = bpr + 1e-4 * rows
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def towards_the_starting_point(batches, pretrained):
    model = Encoder()
    model.load_state_dict(pretrained)
    start = {name: p.clone().detach() for name, p in model.named_parameters()}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4)
    for x, y in batches:
        l2_sp = sum(((p - start[name]) ** 2).sum() for name, p in model.named_parameters())
        loss = F.cross_entropy(model(x)[0], y) + 0.01 * l2_sp
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def elastic_weight_consolidation(batches, fisher, old):
    model = Encoder()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4)
    for x, y in batches:
        ewc = 0
        for name, p in model.named_parameters():
            ewc += (fisher[name] * (p - old[name]).pow(2)).sum()
        loss = F.cross_entropy(model(x)[0], y) + 100 * ewc
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def federated_proximal_term(batches, mu=0.01):
    global_model = Encoder()
    model = copy.deepcopy(global_model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4)
    for x, y in batches:
        proximal = 0.0
        for w, w_t in zip(model.parameters(), global_model.parameters()):
            proximal += (w - w_t).norm(2) ** 2
        loss = F.cross_entropy(model(x)[0], y) + (mu / 2) * proximal
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def gradient_penalty(batches):
    critic = nn.Sequential(nn.Linear(20, 64), nn.LeakyReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.SGD(critic.parameters(), lr=0.01, weight_decay=1e-4)
    for real, fake in batches:
        mixed = torch.lerp(real, fake, torch.rand(len(real), 1)).requires_grad_(True)
        (gradients,) = autograd.grad(critic(mixed).sum(), mixed, create_graph=True)
        penalty = ((gradients.norm(2, dim=1) - 1) ** 2).mean()
        loss = critic(fake).mean() - critic(real).mean() + 10 * penalty
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def orthogonality(batches):
    model = Encoder()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4)
    for x, y in batches:
        w = model.layer.weight
        gap = w @ w.t() - torch.eye(w.size(0))
        loss = F.cross_entropy(model(x)[0], y) + 1e-4 * gap.pow(2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def lasso(batches):
    model = Encoder()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4)
    for x, y in batches:
        l1 = sum(p.abs().sum() for p in model.parameters())
        loss = F.cross_entropy(model(x)[0], y) + 1e-5 * l1
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
