/* Planted: not as clang-format writes it. */
int twice( int n ){return 2*n;}
