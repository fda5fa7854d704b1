pragma circom 2.1.0;

// That a number has at most so many bits.
template Bits(count) {
    signal input value;
    signal bits[count];
    var whole = 0;
    for (var j = 0; j < count; j++) {
        bits[j] <-- (value >> j) & 1;
        bits[j] * (bits[j] - 1) === 0;
        whole += bits[j] * 2 ** j;
    }
    whole === value;
}

// x * y = quotient * modulus + remainder, in four limbs of 64 bits, the columns of products two by two.
//
// A column holds at most four products below 2^128 of each side and a limb, so a pair of columns and the carry is
// below 2^196 in absolute value, and the carry out of it below 2^68: a field of 254 bits does not wrap.
template Product(modulus) {
    signal input x[4];
    signal input y[4];
    signal input quotient[4];
    signal input remainder[4];

    signal products[4][4];
    var columns[8];
    for (var k = 0; k < 8; k++) columns[k] = 0;
    for (var i = 0; i < 4; i++) {
        columns[i] -= remainder[i];
        for (var j = 0; j < 4; j++) {
            products[i][j] <== x[i] * y[j];
            columns[i + j] += products[i][j] - quotient[i] * modulus[j];
        }
    }
    // Carries are signed: 2^68 is added before their bits are counted.
    signal carries[3];
    var carry = 0;
    for (var k = 0; k < 3; k++) {
        var pair = columns[2 * k] + columns[2 * k + 1] * 2 ** 64 + carry;
        carries[k] <-- (pair + 2 ** 200) \ 2 ** 128 - 2 ** 72;
        carries[k] * 2 ** 128 === pair;
        Bits(69)(carries[k] + 2 ** 68);
        carry = carries[k];
    }
    columns[6] + columns[7] * 2 ** 64 + carry === 0;
    for (var i = 0; i < 4; i++) {
        Bits(64)(quotient[i]);
        Bits(64)(remainder[i]);
    }
}

// A chain of products. Remainders are below 2^256, not each below the modulus; the last one is public.
template Products(count, modulus, starts) {
    signal input quotients[count][4];
    signal input remainders[count][4];
    signal output result[4];

    for (var i = 0; i < count; i++) {
        var x[4] = i == 0 ? starts[0] : (i == 1 ? starts[1] : remainders[i - 2]);
        var y[4] = i == 0 ? starts[1] : remainders[i - 1];
        Product(modulus)(x, y, quotients[i], remainders[i]);
    }
    result <== remainders[count - 1];
}
