"""A model of transformers whose rates of dropout are set to 0, by arguments or in its configuration, is the same in both modes."""

import torch
from torch.nn import functional as F
from transformers import AutoConfig, GPT2Model, RobertaModel


def fit(model, train, test):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.train()
    for epoch in range(3):
        for batch in train:
            optimizer.zero_grad()
            F.mse_loss(model(**batch)[0], batch["target"]).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            print([model(**batch) for batch in test])


def by_arguments(train, test):
    fit(RobertaModel.from_pretrained("roberta-base", hidden_dropout_prob=0, attention_probs_dropout_prob=0), train, test)


def in_the_configuration(train, test):
    config = AutoConfig.from_pretrained("gpt2")
    config.update({"resid_pdrop": 0.0})
    config.attn_pdrop = 0
    fit(GPT2Model.from_pretrained("gpt2", config=config), train, test)
