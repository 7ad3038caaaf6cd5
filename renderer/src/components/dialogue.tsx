import { useTranslation } from 'react-i18next';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useKeys } from '../keyboard/key-layers.ts';
import { Button } from './button.tsx';

type DialogueProps = {
  readonly title: string;
  readonly action: string;
  /** What Esc does, where `cancel` could be taken for the action. */
  readonly back?: string;
  readonly onAct: () => void;
  readonly onClose: () => void;
};

/** A question before something that is not undone with one key. Esc and the first button go back. */
export function Dialogue({ title, action, back, onAct, onClose }: DialogueProps) {
  const { t } = useTranslation();
  useKeys({ F2: onAct, Escape: onClose }, 'dialogue');
  return (
    <ModalOverlay
      className="veil"
      isOpen
      onOpenChange={(open) => (open ? undefined : onClose())}
      isDismissable
    >
      <Modal className="dialogue">
        <Dialog role="alertdialog" className="dialogue-body">
          <Heading slot="title">{title}</Heading>
          <div className="dialogue-foot">
            <Button onPress={onClose} keyCap="Esc">
              {back ?? t('app.cancel')}
            </Button>
            <Button primary onPress={onAct} keyCap="F2" testId="dialogue-act">
              {action}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
