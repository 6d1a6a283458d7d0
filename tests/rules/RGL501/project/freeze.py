def set_parameter_requires_grad(model, feature_extracting):
    if feature_extracting:
        for param in model.parameters():
            param.require_grad = False  # want RGL501:error "requires_grad"
