import torch


class Runner:
    @staticmethod
    def parse_runner_args(parser):
        parser.add_argument("--lr", type=float, default=0.01)
        parser.add_argument("--l2", type=float, default=1e-4, help="weight of l2_regularize in loss")
        parser.add_argument("--epoch", type=int, default=100)
        return parser

    def __init__(self, learning_rate, l2_weight, epoch):
        self.learning_rate = learning_rate
        self.l2_weight = l2_weight
        self.epoch = epoch

    def _build_optimizer(self, model):
        return torch.optim.SGD(model.parameters(), lr=self.learning_rate, weight_decay=self.l2_weight)

    def fit(self, model, optimizer):
        model.train()
        for _ in range(50):
            u = torch.randint(model.u_embeddings.num_embeddings, (256,))
            i = torch.randint(model.i_embeddings.num_embeddings, (256,))
            j = torch.randint(model.i_embeddings.num_embeddings, (256,))
            optimizer.zero_grad()
            loss = model(u, i, j)
            loss = loss + model.l2() * self.l2_weight  # want RGL101 "0.0001"
            loss.backward()
            optimizer.step()

    def train(self, model):
        optimizer = self._build_optimizer(model)
        for _ in range(self.epoch):
            self.fit(model, optimizer)
