"""The acronyms that everybody in this field uses without explaining them.

Only those with one meaning here: a row works in both directions, so a second meaning would bring papers that nobody
asked for (``MAE``, ``DP``, ``MPC`` and ``BC`` are left to the papers that define them). A third column is another
wording of the same thing.
"""

ROWS = """
agi    | artificial general intelligence
ai     | artificial intelligence
asr    | automatic speech recognition
bev    | bird's eye view
cnn    | convolutional neural network
cot    | chain of thought
cv     | computer vision
ddpm   | denoising diffusion probabilistic model
dit    | diffusion transformer
dl     | deep learning
dnn    | deep neural network
dpo    | direct preference optimization
drl    | deep reinforcement learning  | deep rl
eeg    | electroencephalography       | electroencephalogram
ehr    | electronic health record
elbo   | evidence lower bound
fl     | federated learning
gan    | generative adversarial network
gcn    | graph convolutional network  | graph convolution network
gnn    | graph neural network
grpo   | group relative policy optimization
gui    | graphical user interface
hci    | human computer interaction
hmm    | hidden markov model
hpo    | hyperparameter optimization
hri    | human robot interaction
icl    | in context learning
iid    | independent and identically distributed
il     | imitation learning
irl    | inverse reinforcement learning
kan    | kolmogorov arnold network
kd     | knowledge distillation
knn    | k nearest neighbor
llm    | large language model
lmm    | large multimodal model
lora   | low rank adaptation
lstm   | long short term memory
marl   | multi agent reinforcement learning
mcmc   | markov chain monte carlo
mcp    | model context protocol
mcts   | monte carlo tree search
mdp    | markov decision process
ml     | machine learning
mllm   | multimodal large language model | multimodal llm
mlp    | multilayer perceptron
moe    | mixture of experts
mri    | magnetic resonance imaging
nas    | neural architecture search
ner    | named entity recognition
nerf   | neural radiance field
nlp    | natural language processing
nmt    | neural machine translation
ntk    | neural tangent kernel
ocr    | optical character recognition
ode    | ordinary differential equation
ood    | out of distribution
orm    | outcome reward model
pca    | principal component analysis
pde    | partial differential equation
peft   | parameter efficient fine tuning
pinn   | physics informed neural network
plm    | pretrained language model
pomdp  | partially observable markov decision process
ppo    | proximal policy optimization
ptq    | post training quantization
qa     | question answering
qat    | quantization aware training
rag    | retrieval augmented generation
rl     | reinforcement learning
rlaif  | reinforcement learning from ai feedback
rlhf   | reinforcement learning from human feedback
rlvr   | reinforcement learning with verifiable rewards | reinforcement learning from verifiable rewards
rnn    | recurrent neural network
sde    | stochastic differential equation
sft    | supervised fine tuning
sgd    | stochastic gradient descent
sim2real | sim to real
slam   | simultaneous localization and mapping
slm    | small language model
snn    | spiking neural network
sota   | state of the art
ssl    | self supervised learning
ssm    | state space model
svm    | support vector machine
t2i    | text to image
t2v    | text to video
i2v    | image to video
tts    | text to speech
uav    | unmanned aerial vehicle
vae    | variational autoencoder
vit    | vision transformer
vla    | vision language action
vlm    | vision language model         | visual language model
vln    | vision and language navigation | vision language navigation
vqa    | visual question answering
vr     | virtual reality
xai    | explainable artificial intelligence | explainable ai
3dgs   | 3d gaussian splatting
"""
