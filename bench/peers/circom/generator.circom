pragma circom 2.1.0;

// Turn after turn of the generator: the product and sum split into 53 bits, of which the low 32 are the next number.
template Generator(turns) {
    signal input seed;
    signal output sum;

    signal bits[turns][53];
    signal sums[turns + 1][32];
    var x = seed;
    for (var j = 0; j < 32; j++) sums[0][j] <== 0;
    for (var i = 0; i < turns; i++) {
        var wide = x * 1664525 + 1013904223;
        var whole = 0;
        for (var j = 0; j < 53; j++) {
            bits[i][j] <-- (wide >> j) & 1;
            bits[i][j] * (bits[i][j] - 1) === 0;
            whole += bits[i][j] * 2 ** j;
        }
        whole === wide;
        x = 0;
        for (var j = 0; j < 32; j++) {
            x += bits[i][j] * 2 ** j;
            sums[i + 1][j] <== sums[i][j] + bits[i][j] - 2 * sums[i][j] * bits[i][j];
        }
    }
    var last = 0;
    for (var j = 0; j < 32; j++) last += sums[turns][j] * 2 ** j;
    sum <== last;
}
