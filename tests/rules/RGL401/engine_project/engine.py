import torch.nn.functional as F


def train_one_epoch(model, optimizer, loader, scheduler=None):
    model.train()
    running = 0.0
    for step, (images, targets) in enumerate(loader):
        outputs = model(images)
        loss = F.cross_entropy(outputs, targets)
        loss.backward()  # want RGL401:error
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        running += loss.item()
    return running / len(loader)
