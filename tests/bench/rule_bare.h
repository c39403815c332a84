/* Rule bare: the bare server's rule, asked again and again. Here because its headers and Foyer's
 * have names in common. */
#ifndef BENCH_RULE_BARE_H
#define BENCH_RULE_BARE_H

void rule_bare(unsigned questions);

#endif
