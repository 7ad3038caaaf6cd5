import './channel/no-eval.ts';
import { channelOpener, keepLine } from './channel/line.ts';
import { mountWindow } from './mount-window.tsx';

mountWindow(window, (changed) => keepLine(channelOpener(window), changed));
