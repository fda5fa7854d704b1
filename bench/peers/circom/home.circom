pragma circom 2.1.0;

// A chain of products in the field itself: one constraint each.
template Products(count, first) {
    signal input second;
    signal output result;

    signal values[count];
    for (var i = 0; i < count; i++) {
        var x = i == 0 ? first : (i == 1 ? second : values[i - 2]);
        var y = i == 0 ? second : values[i - 1];
        values[i] <== x * y;
    }
    result <== values[count - 1];
}
