/* Planned: GET /v1/jobs, the jobs of scripts and when they are due. */
#ifndef FOYER_API_PLANNED_H
#define FOYER_API_PLANNED_H

#include "http/route.h"

extern const struct entity job_entity;
extern const struct route job_routes[];

#endif
