import type { OpenRequest } from '../../lens/api/request';

/** What becomes another of a request that is planned, given as it is or made of the request as it stands by then. */
export type PlanChange = Partial<OpenRequest> | ((now: OpenRequest) => Partial<OpenRequest>);
