import { readdir } from 'node:fs/promises';
import { SerialPort } from 'serialport';

const PORT = /^(?:ttyS|ttyUSB|ttyACM|ttyAMA|rfcomm)\d+$/;

/** Serial ports by their names in a folder of devices, in the order of their numbers. */
export async function portsIn(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => PORT.test(name));
  return names
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => `${folder}/${name}`);
}

/** Paths of the serial ports this machine has. Rejects when the system does not say. */
export async function serialPorts(
  list: () => Promise<readonly { readonly path: string }[]> = () => SerialPort.list(),
): Promise<readonly string[]> {
  try {
    return (await list()).map(({ path }) => path);
  } catch (error) {
    // A Linux without udev lists no ports, and has them all the same.
    if (process.platform !== 'linux') throw error;
    return portsIn('/dev');
  }
}
