/* Plugin: C11, but no C++. */
#ifndef FOYER_PLUGIN_H
#define FOYER_PLUGIN_H

struct foyer_options {
    const char *class;
};

#endif
