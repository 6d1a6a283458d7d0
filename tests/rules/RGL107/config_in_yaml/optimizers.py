from torch import optim


def build_optimizer(model, options):
    return optim.Adam(model.parameters(), lr=options["lr"], weight_decay=options["weight_decay"])  # want RGL107:warning "0.05"
