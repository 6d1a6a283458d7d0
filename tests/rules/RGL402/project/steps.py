def backward_pass(loss, optimizer):
    loss.backward()
    optimizer.zero_grad()  # want RGL402:error
