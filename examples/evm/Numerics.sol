// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// Arithmetic that is tedious to check by hand and easy to check by proof. No state: every function is pure.
contract Numerics {
    uint256 private constant ONE = 1e18;

    error EmptyList();

    /// Greatest integer whose square is at most x, by Newton's method.
    function squareRoot(uint256 x) external pure returns (uint256 root) {
        if (x == 0) return 0;
        root = x;
        uint256 next = x / 2 + 1;
        while (next < root) {
            root = next;
            next = (x / next + next) / 2;
        }
    }

    /// base ** exponent mod modulus, by squaring.
    function modularPower(uint256 base, uint256 exponent, uint256 modulus)
        external
        pure
        returns (uint256 result)
    {
        result = 1 % modulus;
        while (exponent != 0) {
            if (exponent & 1 == 1) result = mulmod(result, base, modulus);
            base = mulmod(base, base, modulus);
            exponent >>= 1;
        }
    }

    /// The median of a pseudo-random list of that length: fills and sorts an array in memory.
    function medianOfRandom(uint256 count, uint256 seed) external pure returns (uint256) {
        if (count == 0) revert EmptyList();
        uint256[] memory list = new uint256[](count);
        for (uint256 i = 0; i < count; i++) {
            unchecked {
                seed = seed * 6364136223846793005 + 1442695040888963407;
            }
            list[i] = (seed >> 33) % 1000;
        }
        for (uint256 i = 1; i < count; i++) {
            uint256 item = list[i];
            uint256 j = i;
            while (j > 0 && list[j - 1] > item) {
                list[j] = list[j - 1];
                j--;
            }
            list[j] = item;
        }
        return list[count / 2];
    }

    /// What a principal grows to in that many periods, with 18 decimals; reverts when it overflows.
    function compound(uint256 principal, uint256 rate, uint256 periods)
        external
        pure
        returns (uint256 amount)
    {
        amount = principal;
        for (uint256 i = 0; i < periods; i++) amount = (amount * (ONE + rate)) / ONE;
    }

    /// Natural exponential of x, 18 decimals, for x from -20e18 to 20e18, by its series.
    function exponential(int256 x) external pure returns (int256 sum) {
        require(x >= -20e18 && x <= 20e18, "out of range");
        int256 term = 1e18;
        sum = term;
        for (int256 n = 1; n < 80; n++) {
            term = (term * x) / (n * 1e18);
            if (term == 0) break;
            sum += term;
        }
    }

    /// The text backwards, byte by byte.
    function reversed(bytes calldata text) external pure returns (bytes memory out) {
        out = new bytes(text.length);
        for (uint256 i = 0; i < text.length; i++) out[text.length - 1 - i] = text[i];
    }

    /// Sums of rows of a small multiplication table, a nested loop over a two-dimensional array.
    function tableSums(uint256 size) external pure returns (uint256[] memory sums) {
        sums = new uint256[](size);
        for (uint256 row = 0; row < size; row++) {
            for (uint256 column = 0; column < size; column++) {
                sums[row] += (row + 1) * (column + 1);
            }
        }
    }

    /// Checksum of the bytes (Adler-32).
    function checksum(bytes memory text) public pure returns (uint32) {
        uint256 low = 1;
        uint256 high = 0;
        for (uint256 i = 0; i < text.length; i++) {
            low = (low + uint8(text[i])) % 65521;
            high = (high + low) % 65521;
        }
        return uint32((high << 16) | low);
    }

    /// Steps until x reaches 1 by halving and tripling; reverts with a panic when it overflows.
    function collatz(uint256 x) external pure returns (uint256 steps) {
        while (x != 1) {
            x = x % 2 == 0 ? x / 2 : 3 * x + 1;
            steps++;
        }
    }
}
