/* Planted: cannot be included twice. */
struct a {
    int number;
};
