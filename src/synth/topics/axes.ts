/** An area of machine learning, and what its topics are usually made of. */
interface Area {
  modalities: readonly string[];
  problems: readonly string[];
}

/**
 * The grid that topics are spread over: areas with the modalities and learning problems that make sense in them. A topic may lie
 * outside of it; what a batch asks for lies inside.
 */
export const AREAS: Readonly<Record<string, Area>> = {
  'computer vision': {
    modalities: ['photographs', 'medical images', 'satellite images', 'handwriting and documents', 'synthetic images'],
    problems: ['classification', 'regression', 'counting', 'segmentation', 'retrieval', 'anomaly detection'],
  },
  language: {
    modalities: ['short texts', 'long documents', 'dialogues', 'source code', 'multilingual text'],
    problems: ['classification', 'extraction', 'ranking', 'similarity', 'language modelling', 'question answering'],
  },
  'reinforcement learning': {
    modalities: ['simulated physics', 'grid worlds', 'queues and inventories', 'bandit feedback', 'logged decisions'],
    problems: ['control', 'exploration', 'offline learning', 'imitation', 'planning'],
  },
  'time series': {
    modalities: ['sensor readings', 'economic series', 'energy and traffic', 'event streams', 'physiological signals'],
    problems: ['forecasting', 'anomaly detection', 'classification', 'imputation', 'change points'],
  },
  'game theory': {
    modalities: ['repeated matrix games', 'auctions', 'negotiations', 'games of imperfect information', 'board games'],
    problems: ['strategy design', 'opponent modelling', 'mechanism design', 'equilibrium finding'],
  },
  tabular: {
    modalities: [
      'demographic tables',
      'medical records',
      'business records',
      'laboratory measurements',
      'mixed columns',
    ],
    problems: ['classification', 'regression', 'survival analysis', 'calibration', 'uplift', 'clustering'],
  },
  'audio and signals': {
    modalities: ['speech', 'music', 'environmental sound', 'vibration', 'radio signals'],
    problems: ['classification', 'detection', 'regression', 'separation', 'compression'],
  },
  'recommendation and ranking': {
    modalities: ['ratings', 'click logs', 'sessions', 'queries and documents', 'item descriptions'],
    problems: ['rating prediction', 'top-k recommendation', 'learning to rank', 'cold start', 'diversification'],
  },
  graphs: {
    modalities: ['social networks', 'molecules', 'knowledge graphs', 'road networks', 'synthetic graphs'],
    problems: ['node classification', 'link prediction', 'graph regression', 'community detection', 'partitioning'],
  },
  'optimisation and algorithms': {
    modalities: [
      'propositional formulas',
      'routing instances',
      'schedules',
      'black-box functions',
      'packing instances',
    ],
    problems: ['search', 'heuristic design', 'hyper-parameter optimisation', 'algorithm selection', 'approximation'],
  },
  'generative modelling': {
    modalities: ['small images', 'tables', 'text', 'sequences of symbols', 'point clouds'],
    problems: ['density estimation', 'conditional generation', 'compression', 'imputation', 'simulation'],
  },
  'scientific data': {
    modalities: ['protein sequences', 'astronomical catalogues', 'weather fields', 'materials', 'particle events'],
    problems: ['regression', 'classification', 'symbolic regression', 'inverse problems', 'surrogate modelling'],
  },
};

/** What makes a topic hard. */
export const CONSTRAINTS = [
  'few labels',
  'noisy labels',
  'imbalanced classes',
  'shift between training and test',
  'missing values',
  'a tight budget of training time',
  'a small model or little memory',
  'a cost for wrong decisions that is not symmetric',
  'calibrated uncertainty is asked for',
  'high dimensions with few samples',
  'groups that must not leak between splits',
  'an opponent or environment that adapts',
] as const;

/** The axes of diversity, as fields of a topic. */
export const AXES = ['area', 'modality', 'problem', 'constraint'] as const;
export type Axis = (typeof AXES)[number];
