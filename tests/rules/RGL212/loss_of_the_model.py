"""Models that compute their loss themselves: a mean over the batch, unless they say otherwise."""

import torch
from transformers import AutoModelForSequenceClassification, Wav2Vec2ForCTC


def make(cls=AutoModelForSequenceClassification):
    model = cls.from_pretrained("name")
    model.train()
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def counted_keys(loader):
    model, optimizer = make()
    totals = torch.zeros(2)
    for batch in loader:
        optimizer.zero_grad()
        output = model(input_ids=batch["ids"], labels=batch["labels"])
        loss = output["loss"]
        loss.backward()
        optimizer.step()
        totals[0] += loss.item()
        totals[1] += len(batch)
    return totals[0] / totals[1]  # want RGL212


def by_attribute(loader):
    model, optimizer = make()
    total, count = 0.0, 0
    for batch in loader:
        optimizer.zero_grad()
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        total += loss.item()
        count += batch["ids"].size(0)
    print("average", total / count)  # want RGL212


def in_a_tuple(loader, dataset):
    model, optimizer = make()
    total = 0.0
    for ids, labels in loader:
        optimizer.zero_grad()
        loss, logits = model(ids, labels=labels)[:2]
        loss.backward()
        optimizer.step()
        total += loss.item()
    print("average", total / len(dataset))


def unpacked(loader):
    model, optimizer = make()
    total, count = 0.0, 0
    for ids, labels in loader:
        optimizer.zero_grad()
        loss, logits = model(ids, labels=labels, return_dict=False)
        loss.backward()
        optimizer.step()
        total += loss.item()
        count += ids.size(0)
    print("average", total / count)  # want RGL212


def per_batch(loader):
    model, optimizer = make()
    total = 0.0
    for batch in loader:
        optimizer.zero_grad()
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        total += loss.item()
    print("average", total / len(loader))


def a_sum(loader):
    """Its CTC loss is summed by default."""
    model, optimizer = make(Wav2Vec2ForCTC)
    total, count = 0.0, 0
    for batch in loader:
        optimizer.zero_grad()
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        total += loss.item()
        count += batch["ids"].size(0)
    print("average", total / count)


def normalised_by_the_model(loader, n):
    model, optimizer = make()
    total, count = 0.0, 0
    for batch in loader:
        optimizer.zero_grad()
        loss = model(**batch, num_items_in_batch=n).loss
        loss.backward()
        optimizer.step()
        total += loss.item()
        count += batch["ids"].size(0)
    print("average", total / count)


def other_sums(loader):
    """Without labels the first output is no loss."""
    model, _ = make()
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for batch in loader:
            total += model(**batch)[0].amax()
            count += batch["ids"].size(0)
    print("largest logit", total / count)
