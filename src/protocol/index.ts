export * from './actions.js';
export * from './channel.js';
export * from './codec.js';
export * from './errors.js';
export * from './messages.js';
export * from './methods.js';
export * from './results.js';
export * from './version.js';
