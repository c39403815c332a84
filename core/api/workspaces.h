/* Workspaces: the field table of a workspace and its settings. */
#ifndef FOYER_API_WORKSPACES_H
#define FOYER_API_WORKSPACES_H

#include "base/field.h"
#include "http/route.h"
#include "store/workspace.h"

extern const struct entity workspace_entity;
extern const struct route workspace_routes[];

#endif
