"""Bundle and radiographs to readings: inference, abstention, pooling, heat maps."""
