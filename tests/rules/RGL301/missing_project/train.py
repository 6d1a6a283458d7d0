import torch
import torch.nn.functional as F


def train(model, args, train_batches, dev_batches):
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    model.train()
    for epoch in range(args.epochs):
        for tokens, labels in train_batches:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(tokens), labels)
            loss.backward()
            optimizer.step()
        evaluate(model, dev_batches)


def evaluate(model, batches):
    correct = total = 0
    with torch.no_grad():
        for tokens, labels in batches:
            logits = model(tokens)  # want RGL301
            correct += (logits.argmax(dim=1) == labels).sum().item()
            total += len(labels)
    print(f"accuracy {correct / total:.4f}")
