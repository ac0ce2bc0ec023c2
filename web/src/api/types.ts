// Short names for what the API says; schema.d.ts is generated from openapi.json.
import type { components } from './schema';

type Schemas = components['schemas'];

export type Status = Schemas['Status'];
export type Tiles = Schemas['Tiles'];
export type Incident = Schemas['Incident'];
export type IncidentDetail = Schemas['IncidentDetail'];
export type JudgedIncident = Schemas['JudgedIncident'];
export type Effect = Schemas['Effect'];
export type Incidents = Schemas['Incidents'];
export type Contribution = Schemas['Contribution'];
export type Step = Schemas['Step'];
export type Segment = Schemas['SegmentItem'];
export type Segments = Schemas['Segments'];
export type Lanes = Schemas['Lanes'];
export type Lane = Schemas['Lane'];
export type Series = Schemas['Series'];
export type Source = Schemas['SourceItem'];
export type Sources = Schemas['Sources'];
export type Matrix = Schemas['Matrix'];
export type Technique = Schemas['TechniqueCell'];
export type Credentials = Schemas['Credentials'];
export type Problem = Schemas['Problem'];
export type Severity = Incident['severity'];
export type Verdict = NonNullable<Incident['verdict']>;
